package webdriver

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strconv"
	"strings"
	"sync"
	"time"
)

// commandTimeout is how long a command may take. A long timeout only delays failures.
const commandTimeout = time.Minute

// marionette sends commands to Firefox. A message is its length in bytes, a colon and JSON:
// [0, number, name, parameters] to the browser, [1, number, error, result] back.
type marionette struct {
	mu     sync.Mutex // one command at a time
	conn   net.Conn
	reader *bufio.Reader
	number int
	stop   func()
}

// dialMarionette connects to a Firefox and starts its session.
func dialMarionette(address string, stop func()) (*marionette, error) {
	conn, err := net.DialTimeout("tcp", address, commandTimeout)
	if err != nil {
		return nil, err
	}
	m := &marionette{conn: conn, reader: bufio.NewReader(conn), stop: stop}
	if _, err := m.receive(); err != nil { // it says its version first
		return nil, err
	}
	if _, err := m.call("WebDriver:NewSession", map[string]any{}); err != nil {
		return nil, err
	}
	return m, nil
}

func (m *marionette) send(c command, parameters map[string]any) ([]byte, error) {
	if c == switchToFrame {
		delete(parameters, "id")
	}
	result, err := m.call(c.marionette, parameters)
	if err != nil {
		return nil, err
	}
	// What W3C WebDriver returns as a value comes as a member, if it is no object.
	var wrapped struct {
		Value json.RawMessage `json:"value"`
	}
	if json.Unmarshal(result, &wrapped) == nil && wrapped.Value != nil {
		return wrapped.Value, nil
	}
	return result, nil
}

func (m *marionette) call(name string, parameters map[string]any) (json.RawMessage, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.number++
	message, err := json.Marshal([]any{0, m.number, name, parameters})
	if err != nil {
		return nil, err
	}
	if err := m.conn.SetDeadline(time.Now().Add(commandTimeout)); err != nil {
		return nil, err
	}
	if _, err := fmt.Fprintf(m.conn, "%d:%s", len(message), message); err != nil {
		return nil, err
	}
	received, err := m.receive()
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var response [4]json.RawMessage
	if err := json.Unmarshal(received, &response); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	var refused *Error
	if err := json.Unmarshal(response[2], &refused); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if refused != nil {
		return nil, refused
	}
	return response[3], nil
}

func (m *marionette) receive() ([]byte, error) {
	length, err := m.reader.ReadString(':')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(strings.TrimSuffix(length, ":"))
	if err != nil {
		return nil, err
	}
	message := make([]byte, n)
	_, err = io.ReadFull(m.reader, message)
	return message, err
}

func (m *marionette) end() {
	_ = m.conn.Close() // the browser is killed anyway
	m.stop()
}
