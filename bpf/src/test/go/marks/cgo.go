//go:build cgo

package main

// static int two(void) { return 2; }
import "C"

var two = int(C.two())
