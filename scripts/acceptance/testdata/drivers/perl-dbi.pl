# DRIVER HOST PORT USER PASSWORD CA [CERT KEY]: connects with that driver of DBI,
# MariaDB or mysql, and prints who is logged in.
use strict;
use warnings;
use DBI;

my ($driver, $host, $port, $user, $password, $ca, $cert, $key) = @ARGV;
my $prefix = lc $driver;
my %options = (RaiseError => 0, PrintError => 0,
    "${prefix}_ssl" => 1, "${prefix}_ssl_verify_server_cert" => 1, "${prefix}_ssl_ca_file" => $ca);
# DBD::mysql 4 takes "Enforcing SSL encryption is not supported" of MariaDB's
# library unless TLS is optional; the library verifies the server all the same.
$options{mysql_ssl_optional} = 1 if $driver eq "mysql";
@options{"${prefix}_ssl_client_cert", "${prefix}_ssl_client_key"} = ($cert, $key) if defined $key;
my $connection = DBI->connect("DBI:$driver:host=$host;port=$port", $user, $password, \%options)
    or die "error " . DBI->err . ": " . DBI->errstr . "\n";
my ($who) = $connection->selectrow_array("SELECT CURRENT_USER()");
my (undef, $cipher) = $connection->selectrow_array("SHOW SESSION STATUS LIKE 'Ssl_cipher'");
print "$who $cipher\n";
