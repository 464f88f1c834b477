// Command paycorcred keeps Paycor credentials: it serves the page on which
// they are entered, seals their secrets, and asks Paycor whether they work.
package main

import (
	"os"

	"paycorcred/paycor/command"
)

// version is set by the build.
var version = "development"

func main() { os.Exit(command.Run(version, os.Args[1:], os.Stdout, os.Stderr)) }
