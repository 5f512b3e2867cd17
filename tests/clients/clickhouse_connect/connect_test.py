"""clickhouse-connect against the node of MANGROVE_HTTP. Run by ../run.py."""
import datetime, os, unittest, urllib.parse, uuid

import clickhouse_connect
from clickhouse_connect.driver.exceptions import DatabaseError

NODE = urllib.parse.urlsplit(os.environ["MANGROVE_HTTP"])
COLUMNS = {
    "id": "UInt64", "s": "String", "low": "LowCardinality(String)", "time": "DateTime64(9)", "day": "Date",
    "second": "DateTime('UTC')", "attributes": "Map(LowCardinality(String), String)", "array": "Array(UInt32)",
    "nullable": "Nullable(Int32)", "kind": "Enum8('a' = 1, 'b' = 2)", "uuid": "UUID", "f64": "Float64", "f32": "Float32",
    "flag": "Bool", "tuple": "Tuple(Int8, String)", "fixed": "FixedString(3)", "lows": "Array(LowCardinality(String))",
    "low_nullable": "LowCardinality(Nullable(String))", "big": "UInt128",
}


def row(i):
    return [i, f"span {i}", f"service {i % 3}", datetime.datetime(2024, 11, 23, 16, 0, i % 60, 123456), datetime.date(2024, 1, 2),
            datetime.datetime(2024, 1, 2, 3, 4, 5), {f"key {i % 5}": "v", "x": str(i)}, [1, 2, i], None if i % 2 else i, "ab"[i % 2],
            uuid.UUID(int=i << 64 | 7), i / 7, i / 4, i % 2 == 0, (i % 100, "z"), b"abc", ["q", f"w{i % 2}"],
            None if i % 3 else "v", i << 70]


def connect(**options):
    return clickhouse_connect.get_client(host=NODE.hostname, port=NODE.port, **options)


class Connect(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.client = connect()
        columns = ", ".join(f"`{name}` {type}" for name, type in COLUMNS.items())
        cls.client.command(f"CREATE TABLE types ({columns}) ENGINE = MergeTree ORDER BY id")
        cls.client.insert("types", [row(i) for i in range(1000)], column_names=list(COLUMNS))

    @classmethod
    def tearDownClass(cls):
        cls.client.command("DROP TABLE types")
        cls.client.close()

    def test_every_type_is_read_back(self):
        result = self.client.query("SELECT * FROM types ORDER BY id")
        self.assertEqual(list(result.column_names), list(COLUMNS))
        self.assertEqual([type.name for type in result.column_types], list(COLUMNS.values()))
        for i, got in enumerate(result.result_rows):
            self.assertEqual(list(got), row(i))
        self.assertEqual(len(result.result_rows), 1000)

    def test_compressions(self):
        for compress in (True, False, "lz4", "zstd", "gzip"):
            with self.subTest(compress=compress):
                client = connect(compress=compress)
                self.assertEqual(client.query("SELECT sum(number), 'x' FROM numbers(100000)").result_rows, [(4999950000, "x")])
                client.command("CREATE TABLE compressed (id UInt64, s String) ENGINE = MergeTree ORDER BY id")
                client.insert("compressed", [[i, "s" * 100] for i in range(5000)])
                self.assertEqual(client.command("SELECT count() FROM compressed WHERE length(s) = 100"), 5000)
                client.command("DROP TABLE compressed")
                client.close()

    def test_parameters(self):
        text = "it's\ta \\n backslash\n and `quotes`"
        query = "SELECT {x:UInt32} + 1, {s:String}, {a:Array(String)}, {t:DateTime('UTC')}"
        time = datetime.datetime(2024, 11, 23, 16, 0, 1)
        answer = self.client.query(query, parameters={"x": 5, "s": text, "a": ["p", "q'r"], "t": time}).result_rows
        self.assertEqual(answer, [(6, text, ["p", "q'r"], time)])
        self.assertEqual(self.client.query("SELECT %(x)s + 1, %(s)s", parameters={"x": 5, "s": text}).result_rows, [(6, text)])

    def test_stream_of_rows(self):
        with self.client.query_rows_stream("SELECT number, toString(number) FROM numbers(300000)") as stream:
            self.assertEqual(sum(number for number, text in stream if text == str(number)), 300000 * 299999 // 2)

    def test_errors_carry_their_code(self):
        for sql, code in (("SELECT nosuch", 47), ("SELECT * FROM nosuch", 60), ("SELEC 1", 62),
                          ("SELECT throwIf(number = 3000000) FROM numbers(5000000)", 395)):
            with self.subTest(sql=sql), self.assertRaisesRegex(DatabaseError, rf"Code: {code}\b|code: {code}\b"):
                self.client.query(sql)

    def test_settings_and_summary(self):
        result = self.client.query("SELECT count() FROM types WHERE attributes['x'] = '5'", settings={"max_threads": 2})
        self.assertEqual(result.result_rows, [(1,)])
        self.assertEqual(result.summary["result_rows"], "1")
        self.assertGreaterEqual(int(result.summary["read_rows"]), 1)
        with self.assertRaisesRegex(Exception, "nosuch_setting"):
            self.client.query("SELECT 1", settings={"nosuch_setting": 1})

    def test_raw(self):
        self.client.command("CREATE TABLE raw (id UInt64, s String) ENGINE = MergeTree ORDER BY id")
        self.client.raw_insert("raw", ["id", "s"], b"7\tx\n8\ty\n", fmt="TSV")
        self.assertEqual(self.client.raw_query("SELECT * FROM raw ORDER BY id FORMAT CSV"), b'7,"x"\n8,"y"\n')
        self.assertEqual(self.client.command("EXISTS TABLE raw"), 1)
        self.client.command("DROP TABLE raw")
        self.assertEqual(self.client.command("EXISTS TABLE raw"), 0)
        self.assertTrue(self.client.ping())


if __name__ == "__main__":
    unittest.main()
