package web

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
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
	Builds(ctx context.Context) (map[string]map[string][]byte, error)
}

const (
	// publishTimeout is how long a server waits at its start until others have its files.
	publishTimeout = 10 * time.Second

	// buildsAge is how long a server trusts that there are no other builds: anyone can ask
	// for one.
	buildsAge = time.Second
)

// otherBuilds are the files of other builds of the page. They are in memory once a browser has
// asked for any.
type otherBuilds struct {
	source PageFiles
	logger *slog.Logger

	mu     sync.Mutex
	read   time.Time
	builds map[string]map[string]*staticFile
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
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.builds[build] == nil && time.Since(o.read) > buildsAge {
		found, err := o.source.Builds(ctx)
		o.read = time.Now()
		if err != nil {
			o.logger.WarnContext(ctx, "reading the files of other versions of the page", "error", err)
			return nil
		}
		o.builds = map[string]map[string]*staticFile{}
		for build, files := range found {
			o.builds[build] = map[string]*staticFile{}
			for name, content := range files {
				o.builds[build][name] = unpackable(content)
			}
		}
	}
	return o.builds[build][name]
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
			if _, err := w.Write(file.plain); err != nil {
				return nil, fmt.Errorf("compressing %s: %w", name, err)
			}
			if err := w.Close(); err != nil {
				return nil, fmt.Errorf("compressing %s: %w", name, err)
			}
			content = packed.Bytes()
		}
		all[name] = content
	}
	return all, nil
}
