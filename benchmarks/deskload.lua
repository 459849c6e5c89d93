-- For wrk: asks one of the requests of a file, each ended by a zero byte, at random; tells at the end what came of it.
local requests = {}

function init(arguments)
  local file = assert(io.open(arguments[1], "rb"))
  for one in file:read("*a"):gmatch("([^%z]+)%z") do requests[#requests + 1] = one end
  file:close()
  math.randomseed(1)
end

function request()
  return requests[math.random(#requests)]
end

function done(summary, latency, rates)
  local errors = summary.errors
  local bad = errors.status + errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format('\n{"answers": %d, "us": %d, "bad": %d, "p50": %d, "p95": %d, "p99": %d}\n', summary.requests,
    summary.duration, bad, latency:percentile(50), latency:percentile(95), latency:percentile(99)))
end
