CREATE TABLE users (id serial PRIMARY KEY, name text UNIQUE, tier text, salt text, hash text);
CREATE TABLE products (id serial PRIMARY KEY, name text, category text, price int, currency text DEFAULT 'EUR');
CREATE INDEX ON products (category, id);
CREATE TABLE stock (product int, warehouse int, count int, PRIMARY KEY (product, warehouse));
CREATE TABLE orders (id serial PRIMARY KEY, user_id int, state text, charge text);
CREATE TABLE order_lines (order_id int, product int, count int);
CREATE INDEX ON order_lines (order_id);
CREATE TABLE charges (order_id int, charge text, cents int);

INSERT INTO products (name, category, price)
SELECT (ARRAY['red','oak','steel','soft','mini','garden','kids','ultra'])[1 + n % 8] || ' '
    || (ARRAY['lamp','chair','desk','shelf','pillow','pan','bench','clock'])[1 + (n / 8) % 8] || ' ' || n,
    (ARRAY['lighting','seating','tables','storage','outdoor','textiles','kitchen','office'])[1 + n % 8], 500 + (n * 7919) % 20000
FROM generate_series(1, 2000) AS n;
INSERT INTO stock SELECT p, w, 400 FROM generate_series(1, 2000) AS p, generate_series(1, 3) AS w;
