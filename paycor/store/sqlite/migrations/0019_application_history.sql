-- What can be done to an application through one of its credentials. The history of each
-- of the others needs it, and not their verifications.
CREATE INDEX audit_of_applications ON audit (workspace, credential)
WHERE action IN ('credential.update', 'credential.rotate', 'credential.rotate.back', 'credential.rotate.end',
  'credential.activate', 'credential.token', 'credential.token.lost');
