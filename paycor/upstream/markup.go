package upstream

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"unicode/utf16"
)

// pageElements begin a web page. Any other first element is XML: a gateway
// and an older server may write their errors in it.
var pageElements = map[string]bool{
	"html": true, "head": true, "body": true, "title": true, "meta": true, "link": true, "script": true, "style": true, "noscript": true,
	"h1": true, "h2": true, "h3": true, "center": true, "p": true, "div": true, "span": true, "table": true, "form": true, "iframe": true,
	"img": true, "a": true, "b": true, "br": true, "hr": true, "font": true, "frameset": true, "main": true, "section": true, "ul": true, "pre": true,
}

// isHTML goes by the first element of the body, not by its Content-Type: a JSON
// answer was seen called text/html, and a page called application/json.
func isHTML(body []byte) bool {
	rest := strings.ToLower(string(body[:min(len(body), 4096)]))
	for {
		rest = strings.TrimSpace(rest)
		switch {
		case strings.HasPrefix(rest, "<!--"):
			_, after, ended := strings.Cut(rest, "-->")
			if !ended {
				return true // nobody comments an error at such length
			}
			rest = after
		case strings.HasPrefix(rest, "<?"):
			_, after, ended := strings.Cut(rest, "?>")
			if !ended {
				return false
			}
			rest = after
		case strings.HasPrefix(rest, "<!doctype"):
			return strings.HasPrefix(strings.TrimSpace(strings.TrimPrefix(rest, "<!doctype")), "html")
		case strings.HasPrefix(rest, "<"):
			end := strings.IndexFunc(rest[1:], func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
			if end < 0 {
				return false
			}
			return pageElements[rest[1:1+end]] && (len(rest) <= 1+end || rest[1+end] != ':')
		default:
			return false
		}
	}
}

// parseXML reads what stands in the elements and attributes of an error in XML
// as if it were an object, whatever is nested in what.
func parseXML(body []byte) (Object, bool) {
	if len(body) == 0 || body[0] != '<' || isHTML(body) {
		return nil, false
	}
	decoder := xml.NewDecoder(bytes.NewReader(body))
	decoder.Strict = false
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	object := Object{}
	keep := func(name, text string) {
		name, text = strings.ToLower(plainName.Replace(name)), strings.TrimSpace(text)
		if _, there := object[name]; there || text == "" || len(object) >= mostNames {
			return
		}
		object[name], _ = json.Marshal(text)
	}
	var open []string
	var text strings.Builder
	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			return object, len(object) > 0 && len(open) == 0
		}
		if err != nil {
			return nil, false
		}
		switch token := token.(type) {
		case xml.StartElement:
			if len(open) > 50 {
				return nil, false
			}
			open = append(open, token.Name.Local)
			text.Reset()
			for _, attribute := range token.Attr {
				if attribute.Name.Space != "xmlns" && attribute.Name.Local != "xmlns" {
					keep(attribute.Name.Local, attribute.Value)
				}
			}
		case xml.CharData:
			text.Write(token)
		case xml.EndElement:
			if len(open) > 0 {
				keep(open[len(open)-1], text.String())
				open = open[:len(open)-1]
			}
			text.Reset()
		}
	}
}

// decoded undoes UTF-16, which is told by its byte order mark.
func decoded(body []byte) []byte {
	if len(body) < 2 {
		return body
	}
	var at func(i int) uint16
	switch {
	case body[0] == 0xff && body[1] == 0xfe:
		at = func(i int) uint16 { return uint16(body[i]) | uint16(body[i+1])<<8 }
	case body[0] == 0xfe && body[1] == 0xff:
		at = func(i int) uint16 { return uint16(body[i])<<8 | uint16(body[i+1]) }
	default:
		return body
	}
	units := make([]uint16, 0, len(body)/2)
	for i := 2; i+1 < len(body); i += 2 {
		units = append(units, at(i))
	}
	return []byte(string(utf16.Decode(units)))
}
