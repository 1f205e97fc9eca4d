-- Account statements of a fleet, made by myca for mysql-5.7.
-- Run them as an administrator: mysql --default-character-set=utf8mb4 -u root < FILE
-- They can be run again: what is as they say stays.
-- (SOURCE FILE in a session does the same, but goes on after an error.)
-- This file may hold passwords: let nobody else read it.
-- An account that exists already keeps its password and gets this requirement; where
-- that names no subject, it gets the password, too.
-- Where no password stands, the account has none: the certificate alone lets its holder
-- in.
-- A server with validate_password refuses to make one (error 1819).

-- A known sql_mode for these statements; the end restores the session.
SET @myca_sql_mode = @@SESSION.sql_mode;
SET SESSION sql_mode = 'NO_AUTO_CREATE_USER';

-- laura: certificate 5f0c8e1b7a3d42969e21c47b08d5fa13, expires 2029-02-25 12:30:00 UTC.
CREATE USER IF NOT EXISTS 'laura'@'localhost' IDENTIFIED BY 'it''s "50% off" \\o/ #1' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/C=US/ST=WI/L=Madison/O=sampdb/CN=laura';
ALTER USER 'laura'@'localhost' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/C=US/ST=WI/L=Madison/O=sampdb/CN=laura';
CREATE USER IF NOT EXISTS 'laura'@'%' IDENTIFIED BY 'it''s "50% off" \\o/ #1' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/C=US/ST=WI/L=Madison/O=sampdb/CN=laura';
ALTER USER 'laura'@'%' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/C=US/ST=WI/L=Madison/O=sampdb/CN=laura';
GRANT ALL PRIVILEGES ON `finance`.* TO 'laura'@'localhost';
GRANT SELECT ON `my\_app`.* TO 'laura'@'localhost' WITH GRANT OPTION;
GRANT ALL PRIVILEGES ON `finance`.* TO 'laura'@'%';
GRANT SELECT ON `my\_app`.* TO 'laura'@'%' WITH GRANT OPTION;

-- laura: certificate 5f0c8e1b7a3d42969e21c47b08d5fa13, expires 2029-02-25 12:30:00 UTC.
-- The names are written as a server built with OpenSSL 1 reads them; another TLS
-- library reads them in another way.
SET @myca_client = @@SESSION.character_set_client;
SET @myca_results = @@SESSION.character_set_results;
SET @myca_collation = @@SESSION.collation_connection;
SET NAMES binary;
CREATE USER IF NOT EXISTS 'jürgen'@'10.%' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/O=M\\xC3\\xBCller / S\\xC3\\xB6hne/CN=O''Brien \\ "x"';
ALTER USER 'jürgen'@'10.%' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/O=M\\xC3\\xBCller / S\\xC3\\xB6hne/CN=O''Brien \\ "x"';
GRANT SELECT ON `bücher`.* TO 'jürgen'@'10.%';
SET SESSION character_set_client = @myca_client;
SET SESSION character_set_results = @myca_results;
SET SESSION collation_connection = @myca_collation;

-- laura: certificate 5f0c8e1b7a3d42969e21c47b08d5fa13, expires 2029-02-25 12:30:00 UTC.
-- REQUIRE CIPHER: MySQL demands a client certificate, too, whatever else is required.
CREATE USER IF NOT EXISTS 'laura'@'localhost' IDENTIFIED BY 'it''s "50% off" \\o/ #1' REQUIRE CIPHER 'DHE-RSA-AES256-SHA';
ALTER USER 'laura'@'localhost' IDENTIFIED BY 'it''s "50% off" \\o/ #1' REQUIRE CIPHER 'DHE-RSA-AES256-SHA';
CREATE USER IF NOT EXISTS 'laura'@'%' IDENTIFIED BY 'it''s "50% off" \\o/ #1' REQUIRE CIPHER 'DHE-RSA-AES256-SHA';
ALTER USER 'laura'@'%' IDENTIFIED BY 'it''s "50% off" \\o/ #1' REQUIRE CIPHER 'DHE-RSA-AES256-SHA';

-- db2: certificate 5f0c8e1b7a3d42969e21c47b08d5fa13, expires 2029-02-25 12:30:00 UTC.
CREATE USER IF NOT EXISTS 'repl'@'10.%' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/C=US/ST=WI/L=Madison/O=sampdb/CN=db2.example.com';
ALTER USER 'repl'@'10.%' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/C=US/ST=WI/L=Madison/O=sampdb/CN=db2.example.com';
GRANT REPLICATION SLAVE ON *.* TO 'repl'@'10.%';

SET SESSION sql_mode = @myca_sql_mode;
