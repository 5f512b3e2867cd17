// clickhouse-go over HTTP against the node of MANGROVE_HTTP. Run by ../run.py.
package clickhouse_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"reflect"
	"testing"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

func open(t *testing.T, method clickhouse.CompressionMethod) *sql.DB {
	node, err := url.Parse(os.Getenv("MANGROVE_HTTP"))
	if err != nil || node.Host == "" {
		t.Fatal("MANGROVE_HTTP is not set")
	}
	db := clickhouse.OpenDB(&clickhouse.Options{Addr: []string{node.Host}, Protocol: clickhouse.HTTP,
		Compression: &clickhouse.Compression{Method: method, Level: 1}})
	t.Cleanup(func() { db.Close() })
	return db
}

func code(err error) int32 {
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		return exception.Code
	}
	return 0
}

type row struct {
	id         uint64
	s, low     string
	time       time.Time
	attributes map[string]string
	array      []uint32
	nullable   *int32
	times      []time.Time
	names      []string
	maps       []map[string]string
	uuid, kind string
	f          float64
	flag       bool
}

func makeRow(i int) row {
	now := time.Unix(1732377600, int64(123456789+i)).UTC()
	r := row{uint64(i), fmt.Sprint("it's ", i, "\t\\n"), fmt.Sprint("low ", i%3), now, map[string]string{"k": "v", fmt.Sprint(i % 7): "x"},
		[]uint32{1, uint32(i)}, nil, []time.Time{now, now}, []string{"a", "b"}, []map[string]string{{"q": "r"}, {}},
		"61f0c404-5cb3-11e7-907b-a6006ad3dba0", "a", float64(i) / 3, i%2 == 0}
	if i%2 == 0 {
		x := int32(-i)
		r.nullable = &x
	}
	return r
}

// As the collector's exporter writes: a prepared INSERT with Nested columns, sent as one Native block.
func TestTypes(t *testing.T) {
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionZSTD, clickhouse.CompressionGZIP} {
		t.Run(method.String(), func(t *testing.T) {
			db := open(t, method)
			must := func(_ any, err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			if err := db.Ping(); err != nil {
				t.Fatal(err)
			}
			must(db.Exec(`CREATE TABLE go_types (id UInt64, s String, low LowCardinality(String), time DateTime64(9),
				attributes Map(LowCardinality(String), String), array Array(UInt32), nullable Nullable(Int32),
				events Nested(time DateTime64(9), name LowCardinality(String), attributes Map(LowCardinality(String), String)),
				uuid UUID, kind Enum8('a' = 1), f Float64, flag Bool) ENGINE = MergeTree ORDER BY id`))
			defer db.Exec("DROP TABLE go_types")
			tx, err := db.Begin()
			must(nil, err)
			insert, err := tx.Prepare("INSERT INTO go_types (id, s, low, time, attributes, array, nullable, `events.time`, `events.name`, `events.attributes`, uuid, kind, f, flag)")
			must(nil, err)
			for i := 0; i < 1000; i++ {
				r := makeRow(i)
				must(insert.Exec(r.id, r.s, r.low, r.time, r.attributes, r.array, r.nullable, r.times, r.names, r.maps, r.uuid, r.kind, r.f, r.flag))
			}
			must(nil, tx.Commit())

			rows, err := db.Query("SELECT id, s, low, time, attributes, array, nullable, events.time, events.name, events.attributes, uuid, kind, f, flag FROM go_types ORDER BY id")
			must(nil, err)
			n := 0
			for ; rows.Next(); n++ {
				var r row
				must(nil, rows.Scan(&r.id, &r.s, &r.low, &r.time, &r.attributes, &r.array, &r.nullable, &r.times, &r.names, &r.maps, &r.uuid, &r.kind, &r.f, &r.flag))
				r.time = r.time.UTC()
				for i := range r.times {
					r.times[i] = r.times[i].UTC()
				}
				if want := makeRow(n); !reflect.DeepEqual(r, want) {
					t.Fatalf("row %d\n got %v\nwant %v", n, r, want)
				}
			}
			if must(nil, rows.Err()); n != 1000 {
				t.Fatal("rows: ", n)
			}
			var count uint64
			must(nil, db.QueryRow("SELECT count() FROM go_types WHERE s = ? AND attributes['k'] = ?", "it's 5\t\\n", "v").Scan(&count))
			if count != 1 {
				t.Error("bound values: ", count)
			}
			must(nil, db.QueryRow("SELECT count() FROM go_types WHERE s = {s:String} AND id < {n:UInt32}",
				clickhouse.Named("s", "it's 5\t\\n"), clickhouse.Named("n", 50)).Scan(&count))
			if count != 1 {
				t.Error("parameters: ", count)
			}
		})
	}
}

func TestErrors(t *testing.T) {
	db := open(t, clickhouse.CompressionLZ4)
	for query, want := range map[string]int32{"SELECT nosuch": 47, "SELECT * FROM nosuch": 60, "SELEC 1": 62} {
		if _, err := db.Query(query); code(err) != want {
			t.Error(query, err)
		}
	}
}

func TestExceptionInMidStream(t *testing.T) {
	for _, method := range []clickhouse.CompressionMethod{clickhouse.CompressionNone, clickhouse.CompressionLZ4, clickhouse.CompressionGZIP} {
		rows, err := open(t, method).Query("SELECT throwIf(number = 3000000) FROM numbers(5000000)")
		if err == nil {
			for rows.Next() {
			}
			err = rows.Err()
		}
		if code(err) != 395 {
			t.Error(method, err)
		}
	}
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
	defer cancel()
	begin := time.Now()
	if _, err := open(t, clickhouse.CompressionLZ4).QueryContext(ctx, "SELECT sum(cityHash64(number)) FROM numbers(100000000000)"); err == nil || time.Since(begin) > 10*time.Second {
		t.Error(err, time.Since(begin))
	}
}
