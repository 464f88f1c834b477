//go:build js && wasm

// Package main is the program of the page's screens for administering.
package main

import (
	"paycorcred/app"
	"paycorcred/app/wasm"
)

func main() { wasm.Run(app.NewAdministration) }
