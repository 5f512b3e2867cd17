// The JDBC driver against the node of MANGROVE_HTTP. Run by ../run.py; the exit code is the number of failures.

import java.net.URI;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;
import java.sql.Timestamp;
import java.sql.Types;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.UUID;

public class JdbcTest {
  static int passed = 0, failed = 0;

  static void equal(String what, Object got, Object want) {
    if (Objects.equals(got, want)) {
      ++passed;
    } else {
      ++failed;
      System.out.println("FAILED " + what + "\n  got  " + got + "\n  want " + want);
    }
  }

  interface Body { void run() throws Exception; }

  static void error(String what, String code, Body body) {
    try {
      body.run();
      equal(what, "no error", "an error");
    } catch (Exception e) {
      StringBuilder all = new StringBuilder();
      for (Throwable t = e; t != null; t = t.getCause()) all.append(t.getMessage()).append('\n');
      equal(what, all.toString().contains(code) ? code : all.toString(), code);
    }
  }

  static int count(ResultSet rows) throws SQLException {
    int n = 0;
    while (rows.next()) ++n;
    return n;
  }

  static void types(Connection connection) throws Exception {
    Map<String, String> columns = new java.util.LinkedHashMap<>();
    columns.put("id", "UInt64");
    columns.put("s", "String");
    columns.put("t", "DateTime64(9, 'UTC')");
    columns.put("m", "Map(String, String)");
    columns.put("a", "Array(Int32)");
    columns.put("n", "Nullable(Int32)");
    columns.put("u", "UUID");
    columns.put("e", "Enum8('a' = 1, 'b' = 2)");
    columns.put("low", "LowCardinality(String)");
    columns.put("d", "Date");
    columns.put("f", "Float64");
    columns.put("b", "Bool");
    StringBuilder list = new StringBuilder();
    columns.forEach((name, type) -> list.append(list.length() == 0 ? "" : ", ").append(name).append(' ').append(type));
    try (Statement statement = connection.createStatement()) {
      statement.execute("CREATE TABLE jdbc (" + list + ") ENGINE = MergeTree ORDER BY id");
      try (PreparedStatement insert = connection.prepareStatement("INSERT INTO jdbc (id, s, t, low, n) VALUES (?, ?, ?, ?, ?)")) {
        for (int i = 0; i < 100; ++i) {
          insert.setLong(1, i);
          insert.setString(2, "it's " + i + "\t\\n");
          insert.setTimestamp(3, new Timestamp(1732377600000L + i));
          insert.setString(4, "low " + i % 3);
          if (i % 2 == 0) insert.setNull(5, Types.INTEGER); else insert.setInt(5, i);
          insert.addBatch();
        }
        equal("rows of a batch", insert.executeBatch().length, 100);
      }
      statement.execute("INSERT INTO jdbc (id, m, a, u, e, d, f, b) VALUES (1000, {'k': 'v'}, [1, 2], '61f0c404-5cb3-11e7-907b-a6006ad3dba0', 'b', '2024-02-10', 1.5, true)");
      try (ResultSet rows = statement.executeQuery("SELECT * FROM jdbc WHERE id IN (7, 1000) ORDER BY id")) {
        ResultSetMetaData meta = rows.getMetaData();
        int i = 0;
        for (String type : columns.values()) equal("type of column", meta.getColumnTypeName(++i), type);
        rows.next();
        equal("String", rows.getString("s"), "it's 7\t\\n");
        equal("DateTime64", rows.getTimestamp("t").toInstant().toEpochMilli(), 1732377600007L);
        equal("LowCardinality", rows.getString("low"), "low 1");
        equal("Nullable", rows.getInt("n"), 7);
        rows.next();
        equal("NULL", rows.getObject("n"), null);
        equal("UUID", rows.getObject("u"), UUID.fromString("61f0c404-5cb3-11e7-907b-a6006ad3dba0"));
        equal("Map", new HashMap<>((Map<?, ?>) rows.getObject("m")), Map.of("k", "v"));
        equal("Array", Arrays.toString((Object[]) rows.getArray("a").getArray()), "[1, 2]");
        equal("Enum", rows.getString("e"), "b");
        equal("Date", rows.getDate("d").toLocalDate().toString(), "2024-02-10");
        equal("Float64", rows.getDouble("f"), 1.5);
        equal("Bool", rows.getBoolean("b"), true);
        equal("no more rows", rows.next(), false);
      }
      try (PreparedStatement select = connection.prepareStatement("SELECT count(), max(t) FROM jdbc WHERE s = ? AND id < ?")) {
        select.setString(1, "it's 5\t\\n");
        select.setInt(2, 50);
        ResultSet rows = select.executeQuery();
        rows.next();
        equal("parameters", rows.getLong(1), 1L);
      }
    }
  }

  static void queries(Connection connection) throws Exception {
    try (Statement statement = connection.createStatement()) {
      try (ResultSet rows = statement.executeQuery("SELECT number, toString(number) FROM numbers(300000)")) {
        long sum = 0;
        while (rows.next()) sum += rows.getLong(1);
        equal("300,000 rows", sum, 300000L * 299999 / 2);
      }
      error("unknown column", "Code: 47.", () -> statement.executeQuery("SELECT nosuch"));
      error("syntax", "Code: 62.", () -> statement.executeQuery("SELECT 1 +"));
      error("in mid-stream", "", () -> count(statement.executeQuery("SELECT throwIf(number = 3000000) FROM numbers(5000000)")));
    }
  }

  static void metadata(Connection connection) throws Exception {
    DatabaseMetaData meta = connection.getMetaData();
    equal("tables", count(meta.getTables(null, "default", "jdbc", null)), 1);
    equal("columns", count(meta.getColumns(null, "default", "jdbc", null)), 12);
    equal("primary key", count(meta.getPrimaryKeys(null, "default", "jdbc")), 1);
    equal("schemas", count(meta.getSchemas()) >= 2, true);
    equal("types", count(meta.getTypeInfo()) > 20, true);
    equal("functions", count(meta.getFunctions(null, null, "to%")) > 50, true);
    equal("version", meta.getDatabaseProductVersion().isEmpty(), false);
  }

  public static void main(String[] arguments) throws Exception {
    Class.forName("com.clickhouse.jdbc.Driver");
    URI node = URI.create(System.getenv("MANGROVE_HTTP"));
    for (String compress : new String[] {"true", "false"}) {
      Properties properties = new Properties();
      properties.setProperty("compress", compress);
      try (Connection connection = DriverManager.getConnection("jdbc:clickhouse://" + node.getHost() + ":" + node.getPort() + "/default", properties)) {
        types(connection);
        queries(connection);
        metadata(connection);
        connection.createStatement().execute("DROP TABLE jdbc");
      }
    }
    System.out.println("jdbc: " + passed + " passed, " + failed + " failed");
    System.exit(failed == 0 ? 0 : 1);
  }
}
