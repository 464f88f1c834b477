//go:build !js

package app

import (
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"paycorcred/app/locale"
	"paycorcred/paycor"
	"paycorcred/paycor/api"
)

// Pages of several languages are rendered side by side, each in its own.
func TestPagesOfTwoLanguagesAreRenderedAtOnce(t *testing.T) {
	var all sync.WaitGroup
	for range 8 {
		for _, language := range locale.Catalogues() {
			all.Go(func() {
				body := Body(api.Start{Locale: language.Tag(), Environments: paycor.Environments(), Caller: paycor.Caller{Rights: paycor.AllRights()}})
				for _, other := range locale.Catalogues() {
					assert.Equal(t, other == language, strings.Contains(body, other.Text("list.empty")), "%s in %s", other.Tag(), language.Tag())
					assert.Equal(t, other == language, strings.Contains(body, other.Text("hint.name")), "%s in %s", other.Tag(), language.Tag())
				}
			})
		}
	}
	all.Wait()
}
