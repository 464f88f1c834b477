package main

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"io"
	"os"
	"path"
	"path/filepath"
	"time"
)

// entry is a file or directory of an archive. A name that ends with a slash is a
// directory.
type entry struct {
	name    string
	mode    int64 // permissions
	owner   int   // user and group ID; tar only
	content []byte
}

// archive packs the programs with what their operator needs first.
func (r release) archive(p platform, binaries []string) error {
	var entries []entry
	for _, binary := range binaries {
		content, err := os.ReadFile(binary)
		if err != nil {
			return err
		}
		entries = append(entries, entry{name: filepath.Base(binary), mode: 0o755, content: content})
	}
	files := []string{".github/CHANGELOG.md", "web/docs/operating.md"}
	if p.system == "linux" {
		units, err := filepath.Glob(filepath.Join(r.source, unitsDirectory, "*"))
		if err != nil {
			return err
		}
		for _, unit := range units {
			files = append(files, unitsDirectory+"/"+filepath.Base(unit))
		}
	}
	for _, file := range files {
		content, err := os.ReadFile(filepath.Join(r.source, filepath.FromSlash(file)))
		if err != nil {
			return err
		}
		entries = append(entries, entry{name: path.Base(file), mode: 0o644, content: content})
	}
	for i := range entries {
		entries[i].name = path.Join(r.base(), entries[i].name)
	}
	suffix := "-" + p.system + "-" + p.architecture
	if p.system == "windows" {
		return create(r.path(suffix+".zip"), func(to io.Writer) error { return writeZip(to, r.time, entries) })
	}
	return create(r.path(suffix+".tar.gz"), func(to io.Writer) error { return writeTarGzip(to, r.time, entries) })
}

// create creates a file and writes it.
func create(path string, write func(io.Writer) error) error {
	file, err := os.Create(path)
	if err != nil {
		return err
	}
	if err := write(file); err != nil {
		_ = file.Close()
		return err
	}
	return file.Close()
}

func writeTarGzip(to io.Writer, modified time.Time, entries []entry) error {
	compressed, err := gzip.NewWriterLevel(to, gzip.BestCompression)
	if err != nil {
		return err
	}
	if err := writeTar(compressed, modified, entries); err != nil {
		return err
	}
	return compressed.Close()
}

func writeTar(to io.Writer, modified time.Time, entries []entry) error {
	archive := tar.NewWriter(to)
	for _, e := range entries {
		header := &tar.Header{
			Name: e.name, Mode: e.mode, Uid: e.owner, Gid: e.owner, Size: int64(len(e.content)),
			ModTime: modified, Format: tar.FormatPAX, Typeflag: tar.TypeReg,
		}
		if e.name[len(e.name)-1] == '/' {
			header.Typeflag = tar.TypeDir
		}
		if err := archive.WriteHeader(header); err != nil {
			return err
		}
		if _, err := archive.Write(e.content); err != nil {
			return err
		}
	}
	return archive.Close()
}

func writeZip(to io.Writer, modified time.Time, entries []entry) error {
	archive := zip.NewWriter(to)
	for _, e := range entries {
		file, err := archive.CreateHeader(&zip.FileHeader{Name: e.name, Method: zip.Deflate, Modified: modified})
		if err != nil {
			return err
		}
		if _, err := file.Write(e.content); err != nil {
			return err
		}
	}
	return archive.Close()
}
