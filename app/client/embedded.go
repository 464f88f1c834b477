package client

import (
	"context"

	goapp "github.com/maxence-charriere/go-app/v10/pkg/app"

	"paycorcred/app/dom"
	"paycorcred/paycor"
)

// EmbeddedFetch sends a request with the session of an embedding site's frame,
// which frame.js keeps.
func EmbeddedFetch(ctx context.Context, request Request) (Response, error) {
	return explainUnauthorized(fetchWith(ctx, request, func(options map[string]any) goapp.Value {
		return goapp.Window().Get("paycorEmbed").Call("fetch", dom.Local(request.Path), options)
	}))
}

// explainUnauthorized replaces a 401, which occurs only if the embedding site
// has no other token. The usual error asks people to sign in, which they cannot
// do in a frame.
func explainUnauthorized(response Response, err error) (Response, error) {
	if err != nil || response.Status != statusUnauthorized {
		return response, err
	}
	return Response{}, paycor.Errorf(paycor.KindUnauthorized, "fail.frame")
}
