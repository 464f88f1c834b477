package sites

import (
	"crypto/sha256"
	"encoding/hex"

	"paycorcred/paycor"
	"paycorcred/paycor/embed"
)

// qualifiedID returns the ID of a site whose workspace chose id. Sites are addressed
// without a workspace, so a chosen ID gets its workspace in front: no workspace can take
// the ID that another one wants, or find out which IDs others have. Those of the default
// workspace stay as they are.
func qualifiedID(workspace, id string) string {
	if workspace == paycor.DefaultWorkspace {
		return id
	}
	if !embed.IsPlainHostID(workspace) { // any text is a workspace
		sum := sha256.Sum256([]byte(workspace))
		workspace = "w-" + hex.EncodeToString(sum[:8])
	}
	return workspace + "." + id
}
