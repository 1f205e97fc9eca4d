// Package issue decides what a server or client certificate contains.
package issue
