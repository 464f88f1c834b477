package web

import (
	"strconv"
	"strings"
)

// identity is the encoding without compression.
const identity = "identity"

// negotiate chooses an encoding and returns the content in it. nil content
// means that the file must be decompressed.
func (f *staticFile) negotiate(accept []string) (string, []byte) {
	weights := encodings(accept)
	if f.brotli != nil && weights["br"] > 0 && weights["br"] >= weights["gzip"] {
		return "br", f.brotli
	}
	if f.gzip != nil && weights["gzip"] > 0 {
		return "gzip", f.gzip
	}
	return identity, f.plain
}

// encodings returns the weights of br and gzip in Accept-Encoding headers.
func encodings(headers []string) map[string]float64 {
	weights := map[string]float64{}
	for part := range strings.SplitSeq(strings.Join(headers, ","), ",") {
		name, parameter, weighted := strings.Cut(part, ";")
		weight := 1.0
		if weighted {
			text, ok := strings.CutPrefix(strings.ToLower(strings.TrimSpace(parameter)), "q=")
			parsed, err := strconv.ParseFloat(text, 64)
			if !ok || err != nil || !(parsed >= 0 && parsed <= 1) {
				continue
			}
			weight = parsed
		}
		weights[strings.ToLower(strings.TrimSpace(name))] = weight
	}
	for _, name := range []string{"br", "gzip"} {
		if _, named := weights[name]; !named {
			weights[name] = weights["*"]
		}
	}
	return weights
}
