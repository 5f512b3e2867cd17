// Prints the INSERT of the shop's 3,000 users with salted password hashes.
'use strict';
const crypto = require('crypto');
const rows = [];
for (let n = 1; n <= 3000; ++n) {
  const name = `user-${String(n).padStart(4, '0')}`;
  const salt = crypto.createHash('md5').update(name).digest('hex');
  const hash = crypto.pbkdf2Sync(`pw-${name}`, salt, 500, 16, 'sha256').toString('hex');
  rows.push(`('${name}','${n % 10 === 0 ? 'gold' : n % 3 === 0 ? 'silver' : 'basic'}','${salt}','${hash}')`);
}
console.log(`INSERT INTO users (name, tier, salt, hash) VALUES ${rows.join(',')};`);
