package api

import (
	"context"
	"paycorcred/paycor"
)

// SharingService changes who may use a credential.
type SharingService interface {
	// Share restricts a credential to some people and groups, or with nil to
	// nobody in particular. It needs the right edit. ifMatch is an ETag, or
	// empty for whatever version there is. Who would shut themselves out gets
	// KindInvalid.
	Share(ctx context.Context, id string, sharing *paycor.Sharing, ifMatch string) (paycor.Credential, error)
}
