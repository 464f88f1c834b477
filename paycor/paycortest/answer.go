package paycortest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
)

// Style is a format of errors. The token endpoint's real error bodies are not
// known, so a client must understand all of these.
type Style string

// The styles, in the order a client is expected to try them.
const (
	StyleOAuth   Style = "oauth"   // RFC 6749: {"error","error_description"}
	StylePaycor  Style = "paycor"  // {"correlationId","title","detail","source"}
	StyleProblem Style = "problem" // RFC 9457: application/problem+json
	StyleGateway Style = "gateway" // {"statusCode","message"}
	StyleText    Style = "text"    // one line of text
	StyleEmpty   Style = "empty"   // an empty body
)

// Casing of the names in Paycor's own errors.
type Casing string

// The specification says camelCase; the live service has been seen to use
// PascalCase.
const (
	CamelCase  Casing = "camel"
	PascalCase Casing = "pascal"
)

// answer is a complete response that a fault can still corrupt.
type answer struct {
	status int
	header http.Header
	body   []byte
}

func newAnswer(status int, contentType string, body []byte) answer {
	header := http.Header{}
	if contentType != "" {
		header.Set("Content-Type", contentType)
	}
	return answer{status: status, header: header, body: body}
}

func jsonAnswer(status int, value any) answer {
	body, err := json.Marshal(value)
	if err != nil { // only values of this package come here
		panic(fmt.Sprintf("paycortest: encoding an answer: %v", err))
	}
	return newAnswer(status, "application/json; charset=utf-8", body)
}

// gatewayError is an error of Azure API Management.
func gatewayError(status int, message string) answer {
	return jsonAnswer(status, struct {
		StatusCode int    `json:"statusCode"`
		Message    string `json:"message"`
	}{status, message})
}

// paycorError is an error of Paycor behind the gateway.
func (c *call) paycorError(status int, title, detail string) answer {
	names := []string{"correlationId", "title", "detail", "source"}
	if c.casing() == PascalCase {
		for i, name := range names {
			names[i] = strings.ToUpper(name[:1]) + name[1:]
		}
	}
	return jsonAnswer(status, map[string]string{
		names[0]: c.correlation, names[1]: title, names[2]: detail, names[3]: "Paycor Public API",
	})
}

// styled formats an error. code is an RFC 6749 error code.
func (c *call) styled(style Style, status int, code, text string) answer {
	switch style {
	case StylePaycor:
		return c.paycorError(status, code, text)
	case StyleProblem:
		a := jsonAnswer(status, map[string]any{
			"type": "about:blank", "title": code, "status": status, "detail": text, "traceId": c.correlation,
		})
		a.header.Set("Content-Type", "application/problem+json")
		return a
	case StyleGateway:
		return gatewayError(status, code+": "+text)
	case StyleText:
		return newAnswer(status, "text/plain; charset=utf-8", []byte(code+": "+text))
	case StyleEmpty:
		return newAnswer(status, "", nil)
	default:
		return jsonAnswer(status, struct {
			Error       string `json:"error"`
			Description string `json:"error_description"`
		}{code, text})
	}
}

func itoa(n int) string { return strconv.Itoa(n) }
