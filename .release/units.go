package main

import (
	"os"
	"path/filepath"
)

// unitsDirectory has the systemd units, relative to the root of the repository.
const unitsDirectory = ".release/systemd"

// units copies the systemd units. They are in the archives for Linux too.
func (r release) units() error {
	return os.CopyFS(r.out, os.DirFS(filepath.Join(r.source, unitsDirectory)))
}
