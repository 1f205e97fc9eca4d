/*
 * Answers, line by line, what libcrypto makes of a name:
 *
 *   version              its version number
 *   objects              a line "OID short-name" for every object
 *   der HEX              X509_NAME_oneline of an encoded Name
 *   attributes TEXT...   X509_NAME_oneline of a name put together from
 *                        attributes "SET,OID,TAG,HEX": SET is 0 for a new RDN,
 *                        -1 for one more attribute of the last
 *
 * A name comes back after an equals sign; "refused" when libcrypto does not read
 * it; "none" when it has no one-line form for it.
 */
#include <openssl/crypto.h>
#include <openssl/objects.h>
#include <openssl/x509.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static unsigned char *unhex(const char *hex, long *size)
{
	long n = (long)strlen(hex) / 2;
	unsigned char *octets = malloc((size_t)n + 1);

	for (long i = 0; i < n; i++) {
		unsigned int octet = 0;
		sscanf(hex + 2 * i, "%2x", &octet);
		octets[i] = (unsigned char)octet;
	}
	*size = n;
	return octets;
}

static void print(X509_NAME *name)
{
	char *line = X509_NAME_oneline(name, NULL, 0);

	if (line == NULL)
		puts("none");
	else
		printf("=%s\n", line);
	OPENSSL_free(line);
}

static void der(const char *hex)
{
	long size;
	unsigned char *octets = unhex(hex, &size);
	const unsigned char *at = octets;
	X509_NAME *name = d2i_X509_NAME(NULL, &at, size);

	if (name == NULL || at != octets + size)
		puts("refused");
	else
		print(name);
	X509_NAME_free(name);
	free(octets);
}

static void attributes(char *list)
{
	X509_NAME *name = X509_NAME_new();

	for (char *item = strtok(list, " "); item != NULL; item = strtok(NULL, " ")) {
		char *fields[3], *hex = item;

		for (int i = 0; i < 3; i++) {
			fields[i] = hex;
			hex = strchr(hex, ',');
			*hex++ = '\0';
		}
		long size;
		unsigned char *octets = unhex(hex, &size);
		ASN1_OBJECT *type = OBJ_txt2obj(fields[1], 1);
		/* adding copies by way of DER, which not every tag survives: set it after */
		if (!X509_NAME_add_entry_by_OBJ(name, type, V_ASN1_UTF8STRING,
				(const unsigned char *)"", 0, -1, atoi(fields[0])))
			exit(1);
		X509_NAME_ENTRY *entry = X509_NAME_get_entry(name, X509_NAME_entry_count(name) - 1);
		if (!X509_NAME_ENTRY_set_data(entry, atoi(fields[2]), octets, (int)size))
			exit(1);
		ASN1_OBJECT_free(type);
		free(octets);
	}
	print(name);
	X509_NAME_free(name);
}

static void objects(void)
{
	for (int nid = 1; nid < OBJ_new_nid(0); nid++) {
		const ASN1_OBJECT *object = OBJ_nid2obj(nid);
		char oid[200];

		if (object == NULL || OBJ_length(object) == 0)
			continue;
		OBJ_obj2txt(oid, sizeof oid, object, 1);
		/* two objects may have one OID: print the one that a lookup finds */
		ASN1_OBJECT *read = OBJ_txt2obj(oid, 1);
		if (OBJ_obj2nid(read) == nid)
			printf("%s %s\n", oid, OBJ_nid2sn(nid));
		ASN1_OBJECT_free(read);
	}
}

int main(void)
{
	char *line = NULL;
	size_t room = 0;
	ssize_t size;

	OPENSSL_init_crypto(OPENSSL_INIT_NO_LOAD_CONFIG, NULL);
	while ((size = getline(&line, &room, stdin)) > 0) {
		if (line[size - 1] == '\n')
			line[size - 1] = '\0';
		if (strcmp(line, "version") == 0)
			printf("%u.%u\n", OPENSSL_version_major(), OPENSSL_version_minor());
		else if (strcmp(line, "objects") == 0)
			objects();
		else if (strncmp(line, "der ", 4) == 0)
			der(line + 4);
		else if (strncmp(line, "attributes", 10) == 0)
			attributes(line + 10);
	}
	free(line);
	return 0;
}
