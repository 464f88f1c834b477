package upstream

import (
	"bytes"
	"compress/flate"
	"compress/gzip"
	"compress/zlib"
	"errors"
	"io"
	"paycorcred/paycor/verdicts"
	"strings"
)

// unpack undoes a compression that the transport has left, because it was not
// announced or announced under another name. What cannot be undone stays.
func unpack(body []byte, encoding string, most int64) (unpacked []byte, cut bool) {
	var reader io.ReadCloser
	var err error
	switch {
	case len(body) > 2 && body[0] == 0x1f && body[1] == 0x8b:
		reader, err = gzip.NewReader(bytes.NewReader(body))
	case strings.EqualFold(strings.TrimSpace(encoding), "deflate"):
		if reader, err = zlib.NewReader(bytes.NewReader(body)); err != nil {
			reader, err = flate.NewReader(bytes.NewReader(body)), nil
		}
	default:
		return body, false
	}
	if err != nil {
		return body, false
	}
	defer func() { _ = reader.Close() }()
	plain, err := io.ReadAll(io.LimitReader(reader, most+1))
	if err != nil && len(plain) == 0 {
		return body, false
	}
	if int64(len(plain)) > most {
		return plain[:most], true
	}
	return plain, false
}

// packedCode tells a body that is not packed as it says from one that was cut.
func packedCode(err error) verdicts.Code {
	var corrupt flate.CorruptInputError
	if errors.Is(err, gzip.ErrHeader) || errors.Is(err, gzip.ErrChecksum) || errors.As(err, &corrupt) {
		return verdicts.CodeNotJSON
	}
	return ""
}
