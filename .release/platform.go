package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
)

// platform is what a binary runs on, in Go's words.
type platform struct{ system, architecture string }

func (p platform) String() string { return p.system + "/" + p.architecture }

// binary is the name of the program on this platform.
func (p platform) binary() string {
	if p.system == "windows" {
		return "paycorcred.exe"
	}
	return "paycorcred"
}

// build compiles the server below work and returns its path. The flags keep the
// directory, the version control system and the linker's random ID out of the binary.
func (r release) build(work string, p platform) (string, error) {
	path, err := filepath.Abs(filepath.Join(work, p.system, p.architecture, p.binary()))
	if err != nil {
		return "", err
	}
	command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -buildid= -X main.version="+r.version, "-o", path, ".")
	command.Dir = r.source
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.system, "GOARCH="+p.architecture, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOWORK=off")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, output)
	}
	return path, nil
}
