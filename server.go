// Command paycorcred manages Paycor credentials: it serves the page where
// people enter them, encrypts their secrets, and verifies them with Paycor.
package main

import (
	"os"

	"paycorcred/paycor/command"
)

// version is set by the build.
var version = "development"

func main() { os.Exit(command.Run(version, os.Args[1:], os.Stdout, os.Stderr)) }
