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

// program is one of the programs of a release.
type program struct {
	name      string // of the file
	directory string // of its module, below the source
}

// programs are the server, and what it asks for keys in the KMS of a cloud. The server looks
// for that beside itself.
var programs = []program{{"paycorcred", "."}, {"paycorcred-kms", "paycor/kms/helper"}}

// build compiles the programs below work and returns their paths. The flags keep the
// directory, the version control system and the linker's random ID out of the binaries.
func (r release) build(work string, p platform) (paths []string, err error) {
	for _, built := range programs {
		path, err := r.buildProgram(work, p, built)
		if err != nil {
			return nil, fmt.Errorf("building %s: %w", built.name, err)
		}
		paths = append(paths, path)
	}
	return paths, nil
}

func (r release) buildProgram(work string, p platform, built program) (string, error) {
	path, err := filepath.Abs(filepath.Join(work, p.system, p.architecture, built.name))
	if err != nil {
		return "", err
	}
	if p.system == "windows" {
		path += ".exe"
	}
	command := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -buildid= -X main.version="+r.version, "-o", path, ".")
	command.Dir = filepath.Join(r.source, filepath.FromSlash(built.directory))
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS="+p.system, "GOARCH="+p.architecture, "GOAMD64=v1", "GOARM64=v8.0", "GOFLAGS=", "GOWORK=off")
	if output, err := command.CombinedOutput(); err != nil {
		return "", fmt.Errorf("%w\n%s", err, output)
	}
	return path, nil
}
