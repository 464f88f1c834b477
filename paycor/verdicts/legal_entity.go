package verdicts

// LegalEntity is a legal entity as Paycor lists it.
type LegalEntity struct {
	ID       int32  `json:"legal_entity_id"`
	TenantID int32  `json:"tenant_id,omitempty"`
	Name     string `json:"name,omitempty"` // empty without the right to read it
}
