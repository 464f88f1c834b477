package api

import "slices"

// Paths of the screens for administering.
const (
	PathAudit     = "/audit"
	PathConsumers = "/consumers"
	PathHosts     = "/hosts"
	PathChannels  = "/notifications"
	PathSessions  = "/sign-ins"
	PathSystem    = "/system"
)

// Program is one of the WebAssembly programs that the page is divided into, so that a
// browser loads the code of the screens it shows, and not all.
type Program string

const (
	// ProgramCredentials has the screens of credentials and applications.
	ProgramCredentials Program = "credentials"
	// ProgramAdministration has the screens for administering.
	ProgramAdministration Program = "administration"
)

// ProgramAt returns the program with the screen at a path.
func ProgramAt(path string) Program {
	if slices.Contains([]string{PathAudit, PathConsumers, PathHosts, PathChannels, PathSessions, PathSystem}, path) {
		return ProgramAdministration
	}
	return ProgramCredentials
}

// File returns the name of the program's static file.
func (p Program) File() string { return string(p) + ".wasm" }
