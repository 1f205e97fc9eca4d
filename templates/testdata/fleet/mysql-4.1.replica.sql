-- Replication statements for the server db2, made by myca for mysql-4.1: it replicates from db1.
-- Certificate: serial 21c47b08d5fa135f0c8e1b7a3d42969e, expires 2029-02-25 12:30:00 UTC.
-- Run them on db2 as an administrator, when its files are in place and the account
-- is on the source: mysql -u root < FILE
-- Not tested on a server: no mysql-4.1 was at hand. Written from its documentation.
-- This version does not check whether the certificate of the source names its host.
-- They are for a new replica, which begins at the first binary log of the source. Where
-- that is gone, restore a copy of the source first, with its position. On a server that
-- replicates already, run STOP SLAVE, and then this file without the statement that
-- names the source: naming the host again would reset the position.
-- The account on the source shows this certificate and has no password; one that
-- existed before keeps its own, which then has to stand here.

-- A known sql_mode for these statements; the end restores the session.
SET @myca_sql_mode = @@SESSION.sql_mode;
SET SESSION sql_mode = '';

-- The source. On a server that replicates already: not this statement.
CHANGE MASTER TO
  MASTER_HOST = 'db1.example.com',
  MASTER_PORT = 3306,
  MASTER_USER = 'repl',
  MASTER_PASSWORD = '';

-- The TLS options. They leave the position as it is.
CHANGE MASTER TO
  MASTER_SSL = 1,
  MASTER_SSL_CA = '/etc/mysql/myca/ca-cert.pem',
  MASTER_SSL_CERT = '/etc/mysql/myca/server-cert.pem',
  MASTER_SSL_KEY = '/etc/mysql/myca/server-key.pem';
START SLAVE;

SET SESSION sql_mode = @myca_sql_mode;
