package audit

import (
	"encoding/hex"
	"strconv"
	"strings"

	"paycorcred/paycor/message"
)

// Head identifies an entry of the chain and, by its hash, everything before it. A
// head stored elsewhere proves later that nothing up to it was changed or removed.
type Head struct {
	Sequence int64
	Hash     string
}

// String returns the head as ParseHead reads it: "1042:5f3c…".
func (h Head) String() string { return strconv.FormatInt(h.Sequence, 10) + ":" + h.Hash }

// ParseHead parses the result of String.
func ParseHead(text string) (Head, error) {
	number, hash, found := strings.Cut(strings.TrimSpace(text), ":")
	sequence, err := strconv.ParseInt(number, 10, 64)
	sum, hexErr := hex.DecodeString(hash)
	if !found || err != nil || hexErr != nil || sequence < 1 || len(sum) != 32 {
		return Head{}, message.Errorf("cli.head-malformed", text)
	}
	return Head{sequence, strings.ToLower(hash)}, nil
}
