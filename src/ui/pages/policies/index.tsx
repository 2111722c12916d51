// The page `policies`.

export default function Page() {
  return <h1>policies</h1>
}
