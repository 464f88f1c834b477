package webdriver

import (
	"encoding/json"
	"fmt"

	"paycorcred/paycor/testkit"
)

// Keys that have no character.
const (
	Tab    = "\ue004"
	Enter  = "\ue007"
	Escape = "\ue00c"
)

// Element refers to an element of a page. Scripts take and return it as itself.
type Element struct {
	ID string `json:"element-6066-11e4-a52e-4f735466cecf"`
}

// Session is a window of a browser, and those that its pages open. Its methods return an *Error for what the browser refuses.
type Session struct {
	transport transport
	output    *testkit.Output
}

// Navigate opens an address and waits until it is loaded.
func (s *Session) Navigate(address string) error {
	_, err := s.transport.send(navigate, map[string]any{"url": address})
	return err
}

// Back goes one page back in the history.
func (s *Session) Back() error {
	_, err := s.transport.send(back, map[string]any{})
	return err
}

// Execute runs the body of a function in the page, or in the frame that was entered, and
// decodes what it returns into value, unless that is nil.
func (s *Session) Execute(value any, script string, arguments ...any) error {
	return s.run(execute, value, script, arguments)
}

// ExecuteAsync does the same and waits for the last argument of the function, a callback,
// to be called with the result.
func (s *Session) ExecuteAsync(value any, script string, arguments ...any) error {
	return s.run(executeAsync, value, script, arguments)
}

func (s *Session) run(c command, value any, script string, arguments []any) error {
	if arguments == nil {
		arguments = []any{}
	}
	result, err := s.transport.send(c, map[string]any{"script": script, "args": arguments})
	if err != nil || value == nil {
		return err
	}
	if err := json.Unmarshal(result, value); err != nil {
		return fmt.Errorf("decoding the value of a script: %w", err)
	}
	return nil
}

// Click scrolls an element into view and clicks it with the mouse.
func (s *Session) Click(e Element) error {
	_, err := s.transport.send(click, map[string]any{"id": e.ID})
	return err
}

// Clear empties a field.
func (s *Session) Clear(e Element) error {
	_, err := s.transport.send(clearContent, map[string]any{"id": e.ID})
	return err
}

// Type focuses an element and types into it.
func (s *Session) Type(e Element, text string) error {
	_, err := s.transport.send(sendKeys, map[string]any{"id": e.ID, "text": text})
	return err
}

// Press presses and releases keys one after the other, wherever the focus is.
func (s *Session) Press(keys string) error {
	return s.perform(keyboard(keys))
}

// PressUnanswered does the same for a key that may take the frame with the focus away. Such
// a frame never answers for the key, and Chromium's driver waits for the last device of every
// step: so that is a mouse, which stays where it is in the page around.
func (s *Session) PressUnanswered(keys string) error {
	pressed := keyboard(keys)
	moves := []any{}
	for range pressed["actions"].([]any) {
		moves = append(moves, map[string]any{"type": "pointerMove", "x": 0, "y": 0, "duration": 0})
	}
	return s.perform(pressed, map[string]any{"type": "pointer", "id": "mouse", "actions": moves})
}

// keyboard is the device that presses and releases these keys.
func keyboard(keys string) map[string]any {
	actions := []any{}
	for _, key := range keys {
		actions = append(actions, map[string]any{"type": "keyDown", "value": string(key)}, map[string]any{"type": "keyUp", "value": string(key)})
	}
	return map[string]any{"type": "key", "id": "keyboard", "actions": actions}
}

func (s *Session) perform(devices ...map[string]any) error {
	_, err := s.transport.send(performActions, map[string]any{"actions": devices})
	return err
}

// EnterFrame makes a frame of the page the place where scripts run and elements are.
func (s *Session) EnterFrame(e Element) error {
	// Marionette has the element's ID beside "id", which is the index of a frame there.
	_, err := s.transport.send(switchToFrame, map[string]any{"id": e, "element": e.ID})
	return err
}

// LeaveFrames goes back to the page itself.
func (s *Session) LeaveFrames() error {
	_, err := s.transport.send(switchToFrame, map[string]any{"id": nil})
	return err
}

// Windows returns the handles of all windows and tabs.
func (s *Session) Windows() (handles []string, err error) {
	result, err := s.transport.send(windowHandles, map[string]any{})
	if err != nil {
		return nil, err
	}
	return handles, json.Unmarshal(result, &handles)
}

// Switch makes another window the place where scripts run and elements are.
func (s *Session) Switch(handle string) error {
	_, err := s.transport.send(switchToWindow, map[string]any{"handle": handle})
	return err
}

// CloseWindow closes the window that scripts run in. Switch to another one after that.
func (s *Session) CloseWindow() error {
	_, err := s.transport.send(closeWindow, map[string]any{})
	return err
}

// Resize sets the size of the window, its frame included, in pixels.
func (s *Session) Resize(width, height int) error {
	_, err := s.transport.send(setWindowRect, map[string]any{"x": 0, "y": 0, "width": width, "height": height})
	return err
}

// Screenshot returns what the window shows as PNG.
func (s *Session) Screenshot() ([]byte, error) {
	result, err := s.transport.send(screenshot, map[string]any{"full": false})
	if err != nil {
		return nil, err
	}
	var picture []byte // base64 in JSON
	return picture, json.Unmarshal(result, &picture)
}

// Output returns what the browser printed. That includes the console of its pages.
func (s *Session) Output() string { return s.output.String() }
