//go:build !(js && wasm)

// Package main is the program of the page's screens for credentials and applications. It
// runs in a browser only: build it with GOOS=js GOARCH=wasm.
package main

import "os"

func main() {
	_, _ = os.Stderr.WriteString("this program runs in a browser: build it with GOOS=js GOARCH=wasm\n")
	os.Exit(2)
}
