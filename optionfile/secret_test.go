package optionfile

import "testing"

func TestSecret(t *testing.T) {
	for _, test := range []struct {
		name, value string
		secret      bool
	}{
		{"password", "x", true},
		{"pas", "x", true},
		{"loose-pas", "x", true},
		{"PASSWORD1", "x", true},
		{"report_password", "x", true},
		{"ssl-passphrase", "x", true},
		{"hashicorp-key-management-token", "s.x", true},
		{"hashicorp_key_management_secret_id", "x", true},
		{"wsrep_sst_auth", "u:p", true},
		{"loose-wsrep-sst-auth", "u:p", true},
		{"file_key_management_filekey", "FILE:/x", true},
		{"s3_access_key", "x", true},
		{"s3-secret-key", "x", true},
		{"wsrep_provider_options", "socket.ssl_ca=/x;socket.ssl_password=y", true},
		{"wsrep_provider_options", "socket.ssl_ca=/x;gcache.size=1G", false},
		{"ssl-passphrase-x", "pass:x", true},
		{"x", "pass:y", true},
		{"init-connect", "CREATE USER a IDENTIFIED BY 'x'", true},
		{"hashicorp-key-management-vault-url", "https://u:p@vault.example.com:8200/v1", true},
		{"hashicorp-key-management-vault-url", "https://vault.example.com:8200/v1@x", false},
		{"ssl-key", "/etc/mysql/myca/server-key.pem", false},
		{"ssl_ca", "/etc/mysql/myca/ca-cert.pem", false},
		{"user", "laura", false},
		{"port", "3306", false},
		{"paste", "x", false},
	} {
		if got := Secret(test.name, test.value); got != test.secret {
			t.Errorf("%s=%s: %t", test.name, test.value, got)
		}
	}
}
