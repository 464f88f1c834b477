package verdicts

// LegalEntity is a company of a Paycor customer, as Paycor lists it.
type LegalEntity struct {
	ID       int32  `json:"legal_entity_id"`
	TenantID int32  `json:"tenant_id,omitempty"`
	Name     string `json:"name,omitempty"` // empty where the right to read it is missing
}
