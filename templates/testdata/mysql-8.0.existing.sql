-- Account statements for the client laura, made by myca for mysql-8.0.
-- Certificate: serial 5f0c8e1b7a3d42969e21c47b08d5fa13, expires 2029-02-25 12:30:00 UTC.
-- Run them as an administrator: mysql -u root < FILE
-- (SOURCE FILE in a session does the same, but goes on after an error.)
-- The accounts exist already. Their privileges stay, and those below are added, and so
-- do the passwords.

-- A known sql_mode for these statements; the end restores the session.
SET @myca_sql_mode = @@SESSION.sql_mode;
SET SESSION sql_mode = '';

ALTER USER 'laura'@'localhost' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/C=US/ST=WI/L=Madison/O=sampdb/CN=laura';
ALTER USER 'laura'@'%' REQUIRE ISSUER '/C=US/ST=WI/L=Madison/O=sampdb/OU=CA/CN=sampdb' AND SUBJECT '/C=US/ST=WI/L=Madison/O=sampdb/CN=laura';
GRANT ALL PRIVILEGES ON `finance`.* TO 'laura'@'localhost';
GRANT SELECT ON `my\_app`.* TO 'laura'@'localhost' WITH GRANT OPTION;
GRANT ALL PRIVILEGES ON `finance`.* TO 'laura'@'%';
GRANT SELECT ON `my\_app`.* TO 'laura'@'%' WITH GRANT OPTION;

SET SESSION sql_mode = @myca_sql_mode;
