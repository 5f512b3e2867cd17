SELECT halfMD5(1), halfMD5(1::UInt64), halfMD5('a', 1), halfMD5([1, 2]), halfMD5(NULL), halfMD5(('a', 1::UInt64)), halfMD5(1.5), halfMD5(map('a', 1)), halfMD5(toLowCardinality('x')), halfMD5(toNullable(1::UInt64)), halfMD5(toUInt128(5));
SELECT halfMD5(), sipHash64(), cityHash64(), xxHash64(), xxh3();
