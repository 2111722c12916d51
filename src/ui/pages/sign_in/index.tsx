// The page `sign_in`.

export default function Page() {
  return <h1>sign_in</h1>
}
