package acceptance

// debianServer is an option file of a server as Debian brings it, cut short.
const debianServer = `#
# These groups are read by MariaDB server.
# Use it for options that only the server (but not clients) should see

# this is read by the standalone daemon and embedded servers
[server]

# this is only for the mysqld standalone daemon
[mysqld]
#user                    = mysql
skip-external-locking = 0
bind-address            = 127.0.0.1
#ssl-ca = /etc/mysql/cacert.pem
#ssl-cert = /etc/mysql/server-cert.pem
character-set-server  = utf8mb4

# This group is only read by a server of this version.
[VERSIONED]
max-connections = 77
`

// shapes are the arrangements that installations have.
func shapes() []shape {
	return []shape{
		{
			name: "Debian, MySQL", on: mysql, root: "mysql/my.cnf", changes: "mysql/mysql.conf.d/zz-myca.cnf",
			files: map[string]string{
				"mysql/mysql.cnf":                "#\n# The MySQL database server configuration file.\n#\n\n!includedir /etc/mysql/conf.d/\n!includedir /etc/mysql/mysql.conf.d/\n",
				"mysql/conf.d/mysql.cnf":         "[mysql]\n",
				"mysql/conf.d/mysqldump.cnf":     "[mysqldump]\nquick\nquote-names\nmax_allowed_packet\t= 16M\n",
				"mysql/mysql.conf.d/mysqld.cnf":  "[mysqld]\nuser\t\t= mysql\nkey_buffer_size\t\t= 16M\n# read_only\n",
				"mysql/mysql.conf.d/mysql.cnf":   "[mysql]\n",
				"mysql/mysql.conf.d/old.cnf.bak": "[mysqld]\nno-such-option\n",
			},
			links: map[string]string{"mysql/my.cnf": "/etc/alternatives/my.cnf", "alternatives/my.cnf": "/etc/mysql/mysql.cnf"},
		},
		{
			name: "Debian, MariaDB", on: mariadb, root: "mysql/my.cnf", changes: "mysql/mariadb.conf.d/zz-myca.cnf",
			files: map[string]string{
				"mysql/mariadb.cnf":                  "[client-server]\n# Port or socket location where to connect\n# port = 3306\n\n# Import all .cnf files from configuration directory\n!includedir /etc/mysql/conf.d/\n!includedir /etc/mysql/mariadb.conf.d/\n",
				"mysql/conf.d/mysqldump.cnf":         "[mysqldump]\nquick\n",
				"mysql/mariadb.conf.d/50-client.cnf": "[client]\ndefault-character-set = utf8mb4\n[client-mariadb]\n",
				"mysql/mariadb.conf.d/50-server.cnf": debianServer,
				"mysql/mariadb.conf.d/60-galera.cnf": "[galera]\n#wsrep_on = ON\n",
			},
			links: map[string]string{"mysql/my.cnf": "/etc/alternatives/my.cnf", "alternatives/my.cnf": "/etc/mysql/mariadb.cnf"},
		},
		{
			name: "RHEL", root: "my.cnf", changes: "my.cnf.d/zz-myca.cnf",
			files: map[string]string{
				"my.cnf":              "#\n# This group is read both both by the client and the server\n#\n[client-server]\n\n#\n# include all files from the config directory\n#\n!includedir /etc/my.cnf.d\n",
				"my.cnf.d/server.cnf": "[mysqld]\nmax_connections=77\n",
				"my.cnf.d/client.cnf": "[client]\n",
			},
		},
		{
			name: "RHEL, MySQL's own package, edited on Windows", root: "my.cnf", changes: "my.cnf",
			files: map[string]string{
				"my.cnf": "# For advice on how to change settings please see\r\n\r\n[mysqld]\r\nmax-connections=77   # enough\r\n\r\n[mysqldump]\r\nquick\r\n  \t\r\n;the end",
			},
		},
		{
			name: "Homebrew", told: true, root: "homebrew/my.cnf", changes: "homebrew/my.cnf",
			files: map[string]string{
				"homebrew/my.cnf": "# Default Homebrew MySQL server config\n[mysqld]\n# Only allow connections from localhost\nbind-address = 127.0.0.1\n",
			},
		},
		{
			name: "Homebrew, MariaDB", on: mariadb, told: true, root: "homebrew/my.cnf", changes: "homebrew/my.cnf.d/zz-myca.cnf",
			files: map[string]string{
				"homebrew/my.cnf":                 "[client-server]\n!includedir /etc/homebrew/my.cnf.d\n",
				"homebrew/my.cnf.d/miscellaneous": "no option file\n",
			},
		},
		{
			name: "included files, one a link", root: "my.cnf", changes: "mysql/server.cnf",
			files: map[string]string{
				"my.cnf":           "[client]\nuser=\"laura\"\n!include /etc/mysql/server.cnf\n[mysql]\nprompt='\\\\u> '\n",
				"mysql/server-v2":  "\t[mysqld] \n\n  max_connections =\t77\nsql-mode=\"\"#none\ninit-connect='SET @laura = \"\xfc\"'\n\n",
				"mysql/unread.cnf": "[mysqld]\nno-such-option\n",
			},
			links: map[string]string{"mysql/server.cnf": "server-v2"},
		},
		{
			name: "two standard places", root: "mysql/my.cnf", changes: "mysql/my.cnf",
			files: map[string]string{
				"my.cnf":       "[client]\nport=3306\n",
				"mysql/my.cnf": "[mysqld]\nssl-ca=/etc/ssl/old-ca.pem\nssl-cert=/etc/ssl/old-cert.pem\nssl_key=/etc/ssl/old-key.pem\n[client]\nport=3307\n[VERSIONED]\nssl-cert=/etc/ssl/older-cert.pem\n",
			},
		},
		{name: "none, with a folder", changes: "mysql/my.cnf", files: map[string]string{"mysql/README": "no option file\n"}},
		{name: "none at all", changes: "my.cnf"},
	}
}
