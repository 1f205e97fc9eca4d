<?php
// HOST PORT USER PASSWORD CA [CERT KEY]: connects and prints who is logged in.
[, $host, $port, $user, $password, $ca] = $argv;
$options = [PDO::MYSQL_ATTR_SSL_CA => $ca, PDO::MYSQL_ATTR_SSL_VERIFY_SERVER_CERT => true];
if (isset($argv[7])) {
    $options += [PDO::MYSQL_ATTR_SSL_CERT => $argv[6], PDO::MYSQL_ATTR_SSL_KEY => $argv[7]];
}
try {
    $connection = new PDO("mysql:host=$host;port=$port", $user, $password, $options);
    $who = $connection->query("SELECT CURRENT_USER()")->fetchColumn();
    $cipher = $connection->query("SHOW SESSION STATUS LIKE 'Ssl_cipher'")->fetchColumn(1);
    print("$who $cipher\n");
} catch (PDOException $error) {
    fprintf(STDERR, "error %s: %s\n", $error->getCode(), $error->getMessage());
    exit(1);
}
