// Package deploy puts key material and options into place on a host, and puts
// everything back as it was.
package deploy
