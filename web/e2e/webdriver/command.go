package webdriver

import "fmt"

// command is a command of W3C WebDriver in its two forms.
type command struct {
	method, path string // of the HTTP request, below /session/ID
	marionette   string
	element      bool // the path has the parameter "id", an element, in it
}

var (
	navigate       = command{"POST", "/url", "WebDriver:Navigate", false}
	back           = command{"POST", "/back", "WebDriver:Back", false}
	execute        = command{"POST", "/execute/sync", "WebDriver:ExecuteScript", false}
	executeAsync   = command{"POST", "/execute/async", "WebDriver:ExecuteAsyncScript", false}
	switchToFrame  = command{"POST", "/frame", "WebDriver:SwitchToFrame", false}
	windowHandles  = command{"GET", "/window/handles", "WebDriver:GetWindowHandles", false}
	closeWindow    = command{"DELETE", "/window", "WebDriver:CloseWindow", false}
	switchToWindow = command{"POST", "/window", "WebDriver:SwitchToWindow", false}
	setWindowRect  = command{"POST", "/window/rect", "WebDriver:SetWindowRect", false}
	screenshot     = command{"GET", "/screenshot", "WebDriver:TakeScreenshot", false}
	performActions = command{"POST", "/actions", "WebDriver:PerformActions", false}
	setTimeouts    = command{"POST", "/timeouts", "WebDriver:SetTimeouts", false}
	click          = command{"POST", "/element/%s/click", "WebDriver:ElementClick", true}
	clearContent   = command{"POST", "/element/%s/clear", "WebDriver:ElementClear", true}
	sendKeys       = command{"POST", "/element/%s/value", "WebDriver:ElementSendKeys", true}
)

// Error is a command's failure, with a code of W3C WebDriver such as "stale element reference".
type Error struct {
	Code    string `json:"error"`
	Message string `json:"message"`
}

func (e *Error) Error() string { return fmt.Sprintf("%s: %s", e.Code, e.Message) }

// transport sends commands to one browser.
type transport interface {
	// send sends a command and returns its value as JSON. The error is an *Error if the
	// browser refused the command.
	send(c command, parameters map[string]any) ([]byte, error)
	// end ends the session, and with it the browser.
	end()
}
