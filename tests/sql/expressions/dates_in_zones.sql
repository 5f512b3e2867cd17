SELECT toDateTime(toDate(0), 'Asia/Tokyo'), CAST(toDate(1) AS DateTime('Asia/Tokyo')), toDateTime(toDate(0), 'America/New_York'), toDateTime64(toDate(0), 3, 'Asia/Tokyo');
SELECT toDate(0) < toDateTime('2024-01-01 00:00:00', 'Asia/Tokyo'), toDate(0) = toDateTime(0, 'Asia/Tokyo'), toDate(20000) < toDateTime('2024-10-04 00:00:00', 'Asia/Tokyo');
SELECT countIf(toDateOrZero(s) < toDateTime('2024-01-01 00:00:00', 'Asia/Tokyo')) FROM (SELECT arrayJoin(['x', '2024-01-02', '2023-12-31']) AS s);
SELECT toUnixTimestamp(toDate(0), 'Asia/Tokyo'), toUnixTimestamp(toDate(20000), 'America/New_York'), toUnixTimestamp(toDate(20000));
SELECT toDate('1970-01-05') - INTERVAL 1 MONTH, toDate('1970-03-05') - INTERVAL 1 YEAR, toDate('1970-03-05') - INTERVAL 2 QUARTER, toDate('1970-03-05') - INTERVAL 2 MONTH, toDate('1970-01-05') - INTERVAL 10 DAY;
SELECT toDateTime('1970-01-05 00:00:00', 'UTC') - INTERVAL 1 MONTH, toDateTime('1970-01-05 00:00:00', 'UTC') - INTERVAL 10 DAY, toDateTime('1970-01-01 00:00:05', 'UTC') - INTERVAL 10 SECOND;
