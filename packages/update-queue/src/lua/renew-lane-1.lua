-- Prolongs a lease.
-- KEYS  1 lane owner string
-- ARGV  1 owner token   2 lease (ms)
-- RETURNS 1 when the caller still owns the lane, 0 when it does not
-- GUARANTEE never takes a lane back from another owner.
if redis.call("GET", KEYS[1]) ~= ARGV[1] then
  return 0
end
return redis.call("PEXPIRE", KEYS[1], ARGV[2])
