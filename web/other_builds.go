package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"
)

// PageFiles are the files of the page of all servers behind one address, by build and name,
// in gzip. While servers are replaced by those of another version, a browser that got its page
// from one of them asks the others for its files, too.
type PageFiles interface {
	Publish(ctx context.Context, build string, files map[string][]byte) error

	// Builds returns the names of all builds, and Files the files of one.
	Builds(ctx context.Context) ([]string, error)
	Files(ctx context.Context, build string) (map[string][]byte, error)
}

const (
	// publishTimeout is how long a server waits at its start until others have its files.
	publishTimeout = 10 * time.Second

	// readTimeout is how long a browser waits for the files of another server.
	readTimeout = 10 * time.Second

	// buildsAge is how long a server trusts that there are no other builds: anyone can ask
	// for one.
	buildsAge = time.Second
)

// otherBuilds are the files of other builds of the page. Those of a build are in memory once a
// browser has asked for one of them.
type otherBuilds struct {
	source PageFiles
	logger *slog.Logger

	mu    sync.RWMutex
	files map[string]map[string]*staticFile // by build and name; nil for a build that was not read yet

	reading sync.Mutex // held while the database is read; files in memory are served nevertheless
	listed  time.Time  // when the names of the builds were read
}

// publish lets other servers serve the files of this one.
func (o *otherBuilds) publish(files *staticFiles) {
	if o.source == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.Background(), publishTimeout)
	defer cancel()
	packed, err := files.packed()
	if err == nil {
		err = o.source.Publish(ctx, files.set, packed)
	}
	if err != nil {
		o.logger.Warn("the files of the page are not shared: while servers are replaced, pages may not load", "error", err)
	}
}

// file returns a file of another build, or nil.
func (o *otherBuilds) file(ctx context.Context, build, name string) *staticFile {
	if o.source == nil {
		return nil
	}
	if files, _ := o.known(build); files != nil {
		return files[name]
	}
	o.reading.Lock()
	defer o.reading.Unlock()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), readTimeout) // others wait for it, too
	defer cancel()
	files, err := o.read(ctx, build)
	if err != nil {
		o.logger.WarnContext(ctx, "reading the files of other versions of the page", "error", err)
	}
	return files[name]
}

// known returns the files of a build if they are in memory, and whether there is that build.
func (o *otherBuilds) known(build string) (files map[string]*staticFile, listed bool) {
	o.mu.RLock()
	defer o.mu.RUnlock()
	files, listed = o.files[build]
	return files, listed
}

// read returns the files of a build, from the database if they are not in memory. It asks for
// the names of the builds once in a while, and for the files only of a build that is there.
func (o *otherBuilds) read(ctx context.Context, build string) (map[string]*staticFile, error) {
	files, listed := o.known(build)
	if !listed && time.Since(o.listed) > buildsAge {
		builds, err := o.source.Builds(ctx)
		o.listed = time.Now() // after it, so that those who waited do not ask a slow database again
		if err != nil {
			return nil, err
		}
		o.keepOnly(builds)
		_, listed = o.known(build)
	}
	if files != nil || !listed {
		return files, nil
	}
	packed, err := o.source.Files(ctx, build)
	o.mu.Lock()
	defer o.mu.Unlock()
	if err != nil {
		delete(o.files, build) // it is tried again after the next list
		return nil, err
	}
	files = map[string]*staticFile{}
	for name, content := range packed {
		files[name] = unpackable(content)
	}
	o.files[build] = files
	return files, nil
}

// keepOnly forgets the builds that the database has forgotten, and notes new ones.
func (o *otherBuilds) keepOnly(builds []string) {
	o.mu.Lock()
	defer o.mu.Unlock()
	kept := map[string]map[string]*staticFile{}
	for _, build := range builds {
		kept[build] = o.files[build]
	}
	o.files = kept
}

// unpackable returns a file of which there is the gzip form only.
func unpackable(content []byte) *staticFile {
	sum := sha256.Sum256(content)
	file := &staticFile{gzip: content, sum: hex.EncodeToString(sum[:])}
	if end := len(content) - 4; end >= 0 {
		file.size = int64(binary.LittleEndian.Uint32(content[end:])) // as gzip ends
	}
	return file
}

// packed returns all files in gzip.
func (f *staticFiles) packed() (map[string][]byte, error) {
	all := map[string][]byte{}
	for name, file := range f.byName {
		content := file.gzip
		if content == nil {
			var packed bytes.Buffer
			w := gzip.NewWriter(&packed)
			_, err := w.Write(file.plain)
			if err := errors.Join(err, w.Close()); err != nil {
				return nil, fmt.Errorf("compressing %s: %w", name, err)
			}
			content = packed.Bytes()
		}
		all[name] = content
	}
	return all, nil
}
