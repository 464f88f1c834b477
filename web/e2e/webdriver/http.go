package webdriver

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// overHTTP sends commands to a driver.
type overHTTP struct {
	session string // the session's address
	client  *http.Client
	stop    func()
}

// dialHTTP waits until a driver is ready and starts a session with these capabilities.
func dialHTTP(driver string, capabilities map[string]any, stop func()) (*overHTTP, error) {
	h := &overHTTP{client: &http.Client{Timeout: commandTimeout}, stop: stop}
	deadline := time.Now().Add(commandTimeout)
	for _, err := h.request("GET", driver+"/status", nil); err != nil; _, err = h.request("GET", driver+"/status", nil) {
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("waiting for the driver: %w", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
	started, err := h.request("POST", driver+"/session", map[string]any{"capabilities": map[string]any{"alwaysMatch": capabilities}})
	if err != nil {
		return nil, fmt.Errorf("starting a session: %w", err)
	}
	var session struct{ SessionID string }
	if err := json.Unmarshal(started, &session); err != nil {
		return nil, fmt.Errorf("starting a session: %w", err)
	}
	h.session = driver + "/session/" + session.SessionID
	return h, nil
}

func (h *overHTTP) send(c command, parameters map[string]any) ([]byte, error) {
	path := c.path
	if c.element {
		path = fmt.Sprintf(path, parameters["id"])
	}
	return h.request(c.method, h.session+path, parameters)
}

func (h *overHTTP) request(method, address string, parameters map[string]any) (json.RawMessage, error) {
	var body io.Reader
	if method == "POST" {
		data, err := json.Marshal(parameters)
		if err != nil {
			return nil, err
		}
		body = bytes.NewReader(data)
	}
	request, err := http.NewRequest(method, address, body)
	if err != nil {
		return nil, err
	}
	response, err := h.client.Do(request)
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	var answer struct{ Value json.RawMessage }
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		return nil, fmt.Errorf("%s: %w", response.Status, err)
	}
	if response.StatusCode != http.StatusOK {
		refused := &Error{}
		if err := json.Unmarshal(answer.Value, refused); err != nil {
			return nil, fmt.Errorf("%s: %w", response.Status, err)
		}
		return nil, refused
	}
	return answer.Value, nil
}

func (h *overHTTP) end() {
	_, _ = h.request("DELETE", h.session, nil) // the driver is killed anyway
	h.stop()
}
