package rights

const (
	DenialsPerWindow    = denialsPerWindow
	DenialWindow        = denialWindow
	UnknownDenialWindow = unknownDenialWindow
)
