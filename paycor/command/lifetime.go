package command

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// lifetime is a duration that may also be given in days, such as 30d.
type lifetime time.Duration

// Decode implements kong.MapperValue. It accepts negative values, because the
// command has a better error message for them.
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
