<?php
// HOST PORT USER PASSWORD CA [CERT KEY]: connects and prints who is logged in.
[, $host, $port, $user, $password, $ca] = $argv;
mysqli_report(MYSQLI_REPORT_ERROR | MYSQLI_REPORT_STRICT);
try {
    $connection = mysqli_init();
    $connection->options(MYSQLI_OPT_SSL_VERIFY_SERVER_CERT, 1);
    $connection->ssl_set($argv[7] ?? null, $argv[6] ?? null, $ca, null, null);
    $connection->real_connect($host, $user, $password, null, (int)$port, null, MYSQLI_CLIENT_SSL);
    $who = $connection->query("SELECT CURRENT_USER()")->fetch_row()[0];
    $cipher = $connection->query("SHOW SESSION STATUS LIKE 'Ssl_cipher'")->fetch_row()[1];
    print("$who $cipher\n");
} catch (mysqli_sql_exception $error) {
    fprintf(STDERR, "error %s: %s\n", $error->getCode(), $error->getMessage());
    exit(1);
}
