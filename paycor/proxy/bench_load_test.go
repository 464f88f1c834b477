package proxy_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net"
	"slices"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// times are the durations of requests.
type times []time.Duration

// p99 returns the 99th percentile in microseconds.
func (t times) p99() float64 {
	slices.Sort(t)
	return float64(t[len(t)*99/100].Microseconds())
}

// load sends requests for a while: as fast as they are answered, or at a fixed
// rate. At a fixed rate a request's time counts from when it was due, so a slow
// response shows in all requests that it delays.
func (r subject) load(b testing.TB, connections int, span time.Duration, perSecond int) times {
	b.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), span)
	defer cancel()
	var mu sync.Mutex
	var all times
	var failure error
	var working sync.WaitGroup
	start := time.Now()
	for n := range connections {
		working.Go(func() {
			var mine times
			defer func() {
				mu.Lock()
				defer mu.Unlock()
				all = append(all, mine...)
			}()
			conn, err := net.Dial("tcp", r.address)
			if err != nil {
				mu.Lock()
				failure = err
				mu.Unlock()
				return
			}
			defer conn.Close()
			reader := bufio.NewReaderSize(conn, 16<<10)
			due := start
			step := time.Duration(0)
			if perSecond > 0 {
				step = time.Duration(connections) * time.Second / time.Duration(perSecond)
				due = due.Add(step * time.Duration(n) / time.Duration(connections))
			}
			for ctx.Err() == nil {
				if step > 0 {
					time.Sleep(time.Until(due))
				} else {
					due = time.Now()
				}
				if err := roundTrip(conn, reader, r.request); err != nil {
					mu.Lock()
					failure = fmt.Errorf("%s: %w", r.name, err)
					mu.Unlock()
					return
				}
				mine = append(mine, time.Since(due))
				due = due.Add(step)
			}
		})
	}
	working.Wait()
	require.NoError(b, failure)
	return all
}

var errUnexpected = errors.New("unexpected response")

// roundTrip sends a request and reads the response with as little work as
// possible, to leave the processor to the subject.
func roundTrip(conn net.Conn, reader *bufio.Reader, request []byte) error {
	if _, err := conn.Write(request); err != nil {
		return err
	}
	length := -1
	for first := true; ; first = false {
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		if first && !bytes.HasPrefix(line, []byte("HTTP/1.1 200")) {
			return fmt.Errorf("%w: %s", errUnexpected, line)
		}
		if len(line) <= 2 {
			break
		}
		if name, value, _ := bytes.Cut(line, []byte(":")); len(name) == 14 && bytes.EqualFold(name, []byte("Content-Length")) {
			length, _ = strconv.Atoi(string(bytes.TrimSpace(value)))
		}
	}
	if length >= 0 {
		if length != len(benchBody) {
			return errUnexpected
		}
		_, err := reader.Discard(length)
		return err
	}
	for { // each chunk, until the empty one
		line, err := reader.ReadSlice('\n')
		if err != nil {
			return err
		}
		size, err := strconv.ParseInt(string(bytes.TrimSpace(line)), 16, 32)
		if err != nil {
			return err
		}
		if _, err := reader.Discard(int(size) + 2); err != nil || size == 0 {
			return err
		}
	}
}
