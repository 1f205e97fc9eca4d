# HOST PORT FILE GROUP: the same with user, password and files of an option file.
import sys

import pymysql

host, port, path, group = sys.argv[1:]
try:
    connection = pymysql.connect(host=host, port=int(port), read_default_file=path, read_default_group=group)
except pymysql.MySQLError as error:
    sys.exit(f"error {error.args[0]}: {error.args[1]}")
with connection.cursor() as cursor:
    cursor.execute("SELECT CURRENT_USER()")
    who = cursor.fetchone()[0]
    cursor.execute("SHOW SESSION STATUS LIKE 'Ssl_cipher'")
    print(who, cursor.fetchone()[1])
