package command

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// lifetime is how long something works, written as a duration or in days.
type lifetime time.Duration

// Decode implements kong.MapperValue. It takes what begins with a hyphen too:
// the command knows better what to say about a negative one.
func (l *lifetime) Decode(flag *kong.DecodeContext) error {
	text := flag.Scan.Pop().String()
	if days, ok := strings.CutSuffix(text, "d"); ok {
		if number, err := strconv.ParseInt(days, 10, 16); err == nil {
			*l = lifetime(time.Duration(number) * 24 * time.Hour)
			return nil
		}
	}
	span, err := time.ParseDuration(text)
	if err != nil {
		return errors.New(say("cli.lifetime", text))
	}
	*l = lifetime(span)
	return nil
}
