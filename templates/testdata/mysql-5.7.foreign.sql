-- Account statements for the client laura, made by myca for mysql-5.7.
-- Certificate: serial 5f0c8e1b7a3d42969e21c47b08d5fa13, expires 2029-02-25 12:30:00 UTC.
-- Run them as an administrator: mysql --default-character-set=utf8mb4 -u root < FILE
-- (SOURCE FILE in a session does the same, but goes on after an error.)
-- New accounts: CREATE USER fails on one that exists already and leaves it as it was.
-- An account made here has no password: the certificate alone lets its holder in.
-- A server with validate_password refuses to make one (error 1819).
-- The names are written as a server built with OpenSSL 1 reads them; another TLS
-- library reads them in another way.

-- A known sql_mode and character set for these statements; the end restores the session.
SET @myca_sql_mode = @@SESSION.sql_mode;
SET SESSION sql_mode = 'NO_AUTO_CREATE_USER';
SET @myca_client = @@SESSION.character_set_client;
SET @myca_results = @@SESSION.character_set_results;
SET @myca_collation = @@SESSION.collation_connection;
SET NAMES binary;

CREATE USER 'jürgen'@'10.%' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/O=M\\xC3\\xBCller / S\\xC3\\xB6hne/CN=O''Brien \\ "x"';
GRANT SELECT ON `bücher`.* TO 'jürgen'@'10.%';

SET SESSION character_set_client = @myca_client;
SET SESSION character_set_results = @myca_results;
SET SESSION collation_connection = @myca_collation;
SET SESSION sql_mode = @myca_sql_mode;
